// Package feed connects stores: a Feed tells a primary's followers of its records, a Sink
// is the end at which a store that follows takes them.
//
//	primary's engine ─ Record ▸ │ backlog │ ─ sender ▸ replicate.Follower
//	                                        ─ sender ▸ Sink ▸ follower's engine ─ ...
//
// Every store has both, as a follower may be followed, and may become a primary. The feed
// takes records only while somebody follows, and for some time afterwards.
package feed
