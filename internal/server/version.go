package server

// RedisVersion is the version of Redis that clients are told: the one whose
// behaviour is kept.
const RedisVersion = "7.2.6"

// Version is Reside's own.
const Version = "0.1.0"
