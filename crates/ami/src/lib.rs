//! Asterisk manager interface: codec, typed events and actions, sans-IO session, tokio client.
