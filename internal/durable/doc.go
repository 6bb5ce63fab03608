// Package durable makes what an engine holds last: it hands records to a log and takes
// snapshots, and brings both back.
package durable
