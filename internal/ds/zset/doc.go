// Package zset is a set of members ordered by score: a sorted slice while it is
// small, a hash table beside a counted tree beyond. Ranks cost O(log n).
//
// # The large form
//
// Members live in a dict, without pointers, each with its score as meta. The tree
// holds the same entries in order, as scores and references to the dict's blocks:
//
//	dict     key's hash ▸ | length | score | member |      a block of 28 bytes for 16
//	                        ▲
//	leaf     | n | ref ref ref ...    63 | score score ... 63 |           768 bytes
//	               ▲                       ▲ least of each child
//	branch   | n | ref ref ref ...       | score score ...    | total |
//	         | entries below each child  | children           |
//
// It is a counted B+tree (Comer, The Ubiquitous B-Tree, 1979; counts as in the
// order-statistic trees of Knuth's volume 3): a branch knows how many entries are below
// each child, so that a rank is a sum on the way down. Scores stand together, since a
// search reads nothing else: it asks for the bytes of members only among equal scores.
// Leaves have no pointers, branches one for each leaf: the garbage collector sees one
// for some 45 members. The score is in both structures, for ZSCORE to need the dict
// only, and for the tree not to need it.
//
// When the dict moves members to give memory back, it tells the tree of each, which
// finds the entry by score and member and writes down the new reference; least entries
// of children are kept exact, so no branch holds a reference that is gone.
//
// # What was tried
//
// The form before this one held {score, string} in the leaves, and strings in a table
// with Go pointers: every comparison of members with the same score was a cache miss
// too, 109 bytes went to a member of 16 where this form takes 57, and the garbage
// collector visited each of its million strings; it visits 23,000 nodes now, in 6 ms.
//
// Beside a map and tidwall/btree or google/btree, a million members in one set, through
// typed handles, in processor time (bench, "one zset", one run on a busy machine): peers
// take 1.2 times as long to add, 0.9 for a score, 2.8 for a rank, 0.95 to 1.2 for another
// score, but 0.4 for ten members of a range. A range waits for its members, which lie all
// over the dict: a third of its time is the first look at their blocks, and most of the
// rest copies them for the caller, where peers hand out the strings that they keep.
// Asking for all ten blocks in a loop of its own, before they are looked at, made no
// difference that could be told from noise. Members in the leaves as well would be read
// one behind the other, for 16 bytes and more in each entry; that was not tried.
//
// A ZSet is not safe for concurrent use. Its zero value is empty and ready.
package zset
