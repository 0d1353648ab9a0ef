//! The CTI daemon: configuration, engine, links, web server.
