#!/usr/bin/perl
# Writes a small database in MaxMind's format: write_geo_database.pl (places|networks) FILE
use strict;
use warnings;
use utf8;
use MaxMind::DB::Writer::Tree;

my ($what, $file) = @ARGV;
my %types = (
    country => 'map', continent => 'map', city => 'map', location => 'map', names => 'map', postal => 'map',
    subdivisions => ['array', 'map'], code => 'utf8_string', iso_code => 'utf8_string', en => 'utf8_string',
    latitude => 'double', longitude => 'double', metro_code => 'uint16', time_zone => 'utf8_string',
    autonomous_system_number => 'uint32', autonomous_system_organization => 'utf8_string',
);
my $tree = MaxMind::DB::Writer::Tree->new(
    database_type => $what eq 'places' ? 'Test-City' : 'Test-ASN', description => { en => 'for tests' }, ip_version => 6,
    languages => ['en'], record_size => 24, map_key_type_callback => sub { $types{ $_[0] } }, remove_reserved_networks => 0,
);

sub place {
    my ($country, $name, $continent, %more) = @_;
    return { country => { iso_code => $country, names => { en => $name } }, continent => { code => $continent, names => { en => "Continent $continent" } }, %more };
}
my %sweden = (
    city => { names => { en => 'Malmö' } }, postal => { code => '211 22' },
    subdivisions => [ { iso_code => 'M', names => { en => 'Skåne County' } }, { iso_code => 'XX', names => { en => 'within' } } ],
    location => { latitude => 55.6059, longitude => 13.0007, time_zone => 'Europe/Stockholm' },
);
my %seattle = (
    city => { names => { en => 'Seattle' } }, postal => { code => '98104' }, subdivisions => [ { iso_code => 'WA', names => { en => 'Washington' } } ],
    location => { latitude => 47.6062, longitude => -122.3321, metro_code => 819, time_zone => 'America/Los_Angeles' },
);
if ($what eq 'places') {
    $tree->insert_network('192.0.2.0/24', place('SE', 'Sweden', 'EU', %sweden));
    $tree->insert_network('198.51.100.0/25', place('US', 'United States', 'NA', %seattle));
    $tree->insert_network('203.0.113.0/24', place('NO', 'Norway', 'EU'));
    $tree->insert_network('2001:db8:5e::/48', place('SE', 'Sweden', 'EU', %sweden));
    $tree->insert_network('2001:db8:de::/48', place('DE', 'Germany', 'EU'));
} else {
    $tree->insert_network('192.0.2.0/24', { autonomous_system_number => 64500, autonomous_system_organization => 'Example Net' });
    $tree->insert_network('2001:db8::/32', { autonomous_system_number => 4200000000, autonomous_system_organization => 'Wide Number' });
}
open my $out, '>:raw', $file or die "$file: $!\n";
$tree->write_tree($out);
close $out or die "$file: $!\n";
