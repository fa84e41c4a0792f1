// The one translation unit that compiles Beast (BOOST_BEAST_SEPARATE_COMPILATION). HTTP off the data plane only.
#include <boost/beast/src.hpp>
