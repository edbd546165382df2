// The protocol's values and the host's: the frames stay out of the headers that other rooms include.
#pragma once

#include "spawner/protocol.hpp"
#include "spawner_client/client.hpp"

namespace vx11::spawner_client {

// Contents become sealed memfds. Throws spawner::ProtocolError where none is to be had.
spawner::Start toFrame(const StartRequest& request);

Started fromFrame(spawner::Started frame);
Refused fromFrame(spawner::Refused frame);
Finished fromFrame(spawner::Finished frame);

}  // namespace vx11::spawner_client
