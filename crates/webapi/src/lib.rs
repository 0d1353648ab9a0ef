//! What browsers and back offices talk to: REST, SSE and WebSocket.
