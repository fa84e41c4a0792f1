#include "tests/session/script.hpp"

namespace gatehouse::session {

std::vector<std::string> Play::methods() const {
  std::vector<std::string> methods;
  for (const Wanted& wanted : script_.replies) methods.push_back(wanted.method);
  return methods;
}

std::vector<Messages> Play::requests() const {
  std::vector<Messages> all;
  for (const Link& link : world_.origins) all.push_back(read_requests(link.from_gateway));
  return all;
}

bool Play::turn() {
  bool news = client_turn();
  for (std::size_t i = 0; i < world_.origins.size(); ++i) news |= origin_turn(i);
  return news;
}

bool Play::client_turn() {
  bool news = false;
  if (script_.client_pace != 0 && client_.room < script_.client_pace) client_.room = script_.client_pace, news = true;
  if (script_.client_pace == 0) client_.room = 1u << 20;
  if (client_.from_gateway.size() != seen_) {
    seen_ = client_.from_gateway.size();
    const Messages got = replies();
    finals_ = got.whole();
    interims_ = got.all.size() - finals_ - (got.all.empty() || got.all.back().whole ? 0 : 1);
  }
  if (client_.peer_ended) return news;
  while (steps_done_ < script_.client.size()) {
    const Step& step = script_.client[steps_done_];
    if (finals_ < step.after_replies || (step.after_interim && interims_ == 0)) break;
    client_.to_gateway += step.send;
    ++steps_done_;
    news = true;
  }
  const bool served = steps_done_ == script_.client.size() && finals_ >= script_.replies.size() && !script_.ends_by_gateway;
  if (served || client_.gateway_ended) client_.peer_ended = news = true;
  return news;
}

bool Play::origin_turn(std::size_t connection) {
  if (answered_.size() <= connection) {
    answered_.resize(connection + 1);
    origin_seen_.resize(connection + 1);
  }
  Link& link = world_.origins[connection];
  bool news = false;
  if (script_.origin_pace != 0 && link.room < script_.origin_pace) link.room = script_.origin_pace, news = true;
  if (script_.origin_pace == 0) link.room = 1u << 20;
  if (link.from_gateway.size() == origin_seen_[connection]) {
    if (link.gateway_ended && !link.peer_ended) link.peer_ended = news = true;
    return news;
  }
  origin_seen_[connection] = link.from_gateway.size();
  const Messages requests = read_requests(link.from_gateway);
  while (!link.peer_ended && answered_[connection] < requests.all.size()) {
    const Message& request = requests.all[answered_[connection]];
    if (!request.head_whole) break;
    const auto answer = script_.origin.find(request.target());
    if (answer == script_.origin.end() || (!request.whole && !answer->second.after_head)) break;
    link.to_gateway += answer->second.bytes;
    link.peer_ended = answer->second.close;
    ++answered_[connection];
    news = true;
  }
  return news;
}

}  // namespace gatehouse::session
