//! The pure heart: calls, devices, queues and agents as facts decided from inputs.
