// Package zset is a set of members ordered by score: a sorted slice while it is
// small, a hash table beside a counted tree beyond. Ranks cost O(log n).
//
// # The large form
//
// Members live in a dict, without pointers, each with its score as meta. The tree
// holds the same entries in order, as scores and names. A name is a member of up to
// 16 bytes itself; of a longer one it is the beginning, and a reference to the dict's
// block:
//
//	dict     key's hash ▸ | length | score | member |      a block of 28 bytes for 16
//	                        ▲
//	name     | 12 bytes | ref |   or   | up to 16 bytes |
//
//	leaf     | n room | score score ... | name name ... | size size ... |
//	               ▲                       ▲ least of each child      15 to 60 entries
//	branch   | n total | scores | names | sizes | counts: entries below each child |
//	         | children                                             up to 59 of them |
//
// It is a counted B+tree (Comer, The Ubiquitous B-Tree, 1979; counts as in the
// order-statistic trees of Knuth's volume 3): a branch knows how many entries are below
// each child, so that a rank is a sum on the way down. Scores stand together, since a
// search reads nothing else: it asks for members only among equal scores. Leaves have no
// pointers, branches one for each leaf: the garbage collector sees one for some 45
// members. The score is in both structures, for ZSCORE to need the dict only, and for the
// tree not to need it.
//
// A leaf has room for as many entries as fit one of some sizes, and moves to the next
// when it is full; so its branch hears of the leaf that stands in its place. All
// changes of a leaf in the tree begin in tree.change.
//
// When the dict moves members to give memory back, it tells the tree of each long one,
// which finds the entry by score and member and writes down the new reference; least
// entries of children are kept exact, so no branch holds a reference that is gone.
//
// # What was tried
//
// The first form held {score, string} in the leaves, and strings in a table with Go
// pointers: every comparison of members with the same score was a cache miss too, 109
// bytes went to a member of 16, and the garbage collector visited each of its million
// strings.
//
// The second had scores and references in leaves of 63, and members in the dict alone: 57
// bytes. Ranges waited for their members, which lay all over the dict: ten misses of the
// cache and of the address translation for ten members took a third of the time. Looking
// at all ten blocks in a loop of its own, so that the processor waits once, made no
// difference that could be told from noise. With names in the leaves a range reads six
// or seven neighbouring lines instead. Names for all members would be 76 bytes in leaves of
// one size, of which splits leave 69 % in use; leaves of several sizes make it 68.5, and
// 70.5 at the worst of 1 to 2 million.
//
// Two more were thought through and left, without being built. A dict whose words point to leaves, with no block
// for a short member, would take some 50 bytes; but each split of a leaf writes 30 words
// all over the dict, and a score costs three misses instead of two. Passing entries to
// neighbours before a split (B*-trees) fills leaves by 81 %, one size of them: 71 bytes
// without room for error, and every split touches three leaves.
//
// Ten members of a range were 13 allocations of the typed API, and are two: the pairs, and
// one string of which members are parts. Entries pass in memory of the transaction.
//
// Searches look at one score of each line of the cache and then at one line (see below),
// where they went by halves before; and a branch does not look at the beginning of a
// child that an entry was added to, only if it became the least.
//
// # Measured
//
// A million members of 16 bytes in one set, through typed handles, in processor time
// (bench, "one zset"), how many times as long peers take. The machine had other work for
// two processors and more all the time, so the cache was not ours; before is the second
// form.
//
//	                  tidwall/btree   google/btree    before   wanted
//	add new                1.1            1.1           1.3      2
//	score                  1.0            1.0           1.0      1
//	rank                   2.8            -             2.8      0.6 Mops/s, here 0.4 to 0.7
//	10 by rank             0.9            -             0.4      1.5
//	10 by score            1.05           0.95          0.4      1.5
//	another score          1.15           1.1           0.9      -
//
// On a quieter machine, against the best peer, 1 goroutine and 4: add new 0.80, 1.37; score
// 0.53, 0.49; rank 2.7, 2.6; 10 by rank 0.92, 0.90; 10 by score 0.67, 0.66; another score
// 0.83, 1.02. A score is a lookup in the dict, whose package says what bounds it.
//
// Where the time of ten by rank and by score goes together, by the profile: finding the
// rank of a score 26 %; the way to the leaf by rank 20 %, more than half of it for the
// leaf's first line; scores and names 19 %; the two allocations and the copy 24 %; the rest
// are the handle, the key's lookup and arguments. Peers allocate once and copy no member.
//
// Adding: 32 % are the lookup of the member, most of it for the first line of
// words and for the argument itself, which is as cold for peers; 7 % the branches; 29 %
// the leaf, two thirds of it for its first line and the scores, a fifth for moving names up;
// 6 % the dict's block and word. Names make leaves twice as large, so adding takes a
// tenth longer than in the second form or more: the price of ranges. A second lookup in the dict,
// by the put behind the check of conditions, costs 1 %: an upsert would not be seen.
//
// A ZSet is not safe for concurrent use. Its zero value is empty and ready.
package zset
