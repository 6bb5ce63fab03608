// Package interop runs real Redis clients against Reside and against a real
// redis-server: one table of cases a client, the same assertions for both. It is
// a module of its own, so that the clients stay out of the library's go.mod.
package interop
