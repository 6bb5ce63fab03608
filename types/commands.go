// Package types has a method for every Redis command on data.
//
// # From Redis commands to methods
//
// The way back stands in the docs of the methods, behind "Redis:".
//
//	APPEND            String.AppendBytes
//	BLMOVE            List.WaitMove
//	BLMPOP            WaitPopFirst
//	BLPOP             List.WaitPopFront, WaitPopFirst
//	BRPOP             List.WaitPopBack, WaitPopFirst
//	BRPOPLPUSH        List.WaitMove
//	BZMPOP            WaitPopFirstScored
//	BZPOPMAX          WaitPopFirstScored, ZSet.WaitPopMax
//	BZPOPMIN          WaitPopFirstScored, ZSet.WaitPopMin
//	CONFIG            store.Store.Events, store.Store.SetMaxMemory
//	COPY              store.Store.Copy, store.Store.CopyOver, store.Store.CopyTo
//	DBSIZE            store.Store.Len
//	DECR              Counter.Decr
//	DECRBY            Counter.Add
//	DEL               any handle's Delete, store.Store.Delete
//	DISCARD           store.Store.Update
//	DUMP              store.Store.DumpKey
//	EXEC              store.Store.Update, store.Watch.Update
//	EXISTS            any handle's Exists, store.Store.Exists
//	EXPIRE            any handle's Expire, store.Store.Expire
//	EXPIREAT          any handle's ExpireAt, store.Store.ExpireAt
//	EXPIRETIME        store.Store.ExpireTime
//	FLUSHALL          store.Store.FlushAll
//	FLUSHDB           store.Store.Flush
//	GET               Counter.GetFloat, String.AppendTo, String.Get
//	GETDEL            String.GetDelete
//	GETEX             String.GetExpire
//	GETRANGE          String.ReadBytes
//	GETSET            String.Swap
//	HDEL              Hash.Remove
//	HEXISTS           Hash.Has
//	HEXPIRE           Hash.ExpireFields
//	HEXPIREAT         Hash.ExpireFieldsAt
//	HEXPIRETIME       Hash.FieldExpireTimes
//	HGET              Hash.Get
//	HGETALL           Hash.Entries
//	HGETDEL           Hash.GetRemove
//	HGETEX            Hash.GetExpire
//	HINCRBY           Hash.Add
//	HINCRBYFLOAT      Hash.AddFloat
//	HKEYS             Hash.Fields
//	HLEN              Hash.Len
//	HMGET             Hash.GetMany
//	HMSET             Hash.SetMany
//	HPERSIST          Hash.PersistFields
//	HPEXPIRE          Hash.ExpireFields
//	HPEXPIREAT        Hash.ExpireFieldsAt
//	HPEXPIRETIME      Hash.FieldExpireTimes
//	HPTTL             Hash.FieldTTL, Hash.FieldTTLs
//	HRANDFIELD        Hash.Random, Hash.Sample, Hash.SampleRepeating
//	HSCAN             Hash.All, Hash.Scan, Hash.ScanFields
//	HSET              Hash.Set, Hash.SetMany
//	HSETEX            Hash.SetWith
//	HSETNX            Hash.SetIfAbsent
//	HSTRLEN           Hash.Size
//	HTTL              Hash.FieldTTLs
//	HVALS             Hash.Values
//	INCR              Counter.Incr
//	INCRBY            Counter.Add
//	INCRBYFLOAT       Counter.AddFloat
//	INFO              store.Store.KeptStatus, store.Store.ReplicationStatus, store.Store.Stats
//	KEYS              store.Store.Keys
//	LCS               LCS
//	LINDEX            List.Index
//	LINSERT           List.InsertAfter, List.InsertBefore
//	LLEN              List.Len
//	LMOVE             List.Move
//	LMPOP             PopFirst
//	LPOP              List.PopFront, List.PopFrontN
//	LPOS              List.IndexOf, List.Positions
//	LPUSH             List.PushFront
//	LPUSHX            List.PushFrontIfPresent
//	LRANGE            List.All, List.Backward, List.Range
//	LREM              List.Remove
//	LSET              List.Set
//	LTRIM             List.Trim
//	MEMORY            (see its subcommands)
//	MEMORY USAGE      store.Store.MemoryUsage
//	MGET              GetMany
//	MOVE              store.Store.Move
//	MSET              SetMany
//	MSETNX            SetManyIfAbsent
//	MULTI             store.Store.Update, store.Watch.Update
//	OBJECT            (see its subcommands)
//	OBJECT ENCODING   store.Store.Encoding
//	OBJECT FREQ       store.Store.Frequency
//	OBJECT HELP       (this page)
//	OBJECT IDLETIME   store.Store.IdleTime
//	OBJECT REFCOUNT   (1, or what Redis says of the small integers that it shares)
//	PERSIST           any handle's Persist, store.Store.Persist
//	PEXPIRE           any handle's Expire, store.Store.Expire
//	PEXPIREAT         any handle's ExpireAt, store.Store.ExpireAt
//	PEXPIRETIME       store.Store.ExpireTime
//	PSETEX            String.SetWith
//	PTTL              any handle's TTL, store.Store.TTL
//	RANDOMKEY         store.Store.RandomKey
//	RENAME            store.Store.Rename
//	RENAMENX          store.Store.RenameIfAbsent
//	RESTORE           store.Store.RestoreKey
//	RPOP              List.PopBack, List.PopBackN
//	RPOPLPUSH         List.Move
//	RPUSH             List.PushBack
//	RPUSHX            List.PushBackIfPresent
//	SADD              Set.Add
//	SCAN              store.Store.Scan
//	SCARD             Set.Len
//	SDIFF             Set.Diff
//	SDIFFSTORE        Set.StoreDiff
//	SELECT            store.Store.Select, store.Tx.Select
//	SET               String.Set, String.SetWith, String.SwapWith
//	SETEX             String.SetWith
//	SETNX             String.SetWith
//	SETRANGE          String.WriteBytes
//	SINTER            Set.Inter
//	SINTERCARD        Set.InterLen
//	SINTERSTORE       Set.StoreInter
//	SISMEMBER         Set.Contains
//	SMEMBERS          Set.Members
//	SMISMEMBER        Set.ContainsEach
//	SMOVE             Set.Move
//	SORT              store.Store.Sort, store.Store.SortTo
//	SORT_RO           store.Store.Sort
//	SPOP              Set.Pop, Set.PopN
//	SRANDMEMBER       Set.Random, Set.Sample, Set.SampleRepeating
//	SREM              Set.Remove
//	SSCAN             Set.All, Set.Scan
//	STRLEN            String.Size
//	SUBSTR            String.ReadBytes
//	SUNION            Set.Union
//	SUNIONSTORE       Set.StoreUnion
//	SWAPDB            store.Store.SwapDB
//	TOUCH             store.Store.Touch
//	TTL               store.Store.TTL
//	TYPE              store.Store.Type
//	UNLINK            store.Store.Delete
//	UNWATCH           store.Watch.Close
//	WATCH             store.Store.Watch
//	ZADD              ZSet.Add, ZSet.AddMany, ZSet.AddWith, ZSet.IncrWith
//	ZCARD             ZSet.Len
//	ZCOUNT            ZSet.Count
//	ZDIFF             ZSet.Diff
//	ZDIFFSTORE        ZSet.StoreDiff
//	ZINCRBY           ZSet.Incr
//	ZINTER            ZSet.Inter
//	ZINTERCARD        ZSet.InterLen
//	ZINTERSTORE       ZSet.StoreInter
//	ZLEXCOUNT         ZSet.Count
//	ZMPOP             PopFirstScored
//	ZMSCORE           ZSet.Scores
//	ZPOPMAX           ZSet.PopMax, ZSet.PopMaxN
//	ZPOPMIN           ZSet.PopMin, ZSet.PopMinN
//	ZRANDMEMBER       ZSet.Random, ZSet.Sample, ZSet.SampleRepeating
//	ZRANGE            ZSet.All, ZSet.Backward, ZSet.Range
//	ZRANGEBYLEX       ZSet.Range
//	ZRANGEBYSCORE     ZSet.Range
//	ZRANGESTORE       ZSet.StoreRange
//	ZRANK             ZSet.Rank, ZSet.RankScore
//	ZREM              ZSet.Remove
//	ZREMRANGEBYLEX    ZSet.RemoveRange
//	ZREMRANGEBYRANK   ZSet.RemoveRange
//	ZREMRANGEBYSCORE  ZSet.RemoveRange
//	ZREVRANGE         ZSet.Range
//	ZREVRANGEBYLEX    ZSet.Range
//	ZREVRANGEBYSCORE  ZSet.Range
//	ZREVRANK          ZSet.RevRank, ZSet.RevRankScore
//	ZSCAN             ZSet.Scan
//	ZSCORE            ZSet.Score
//	ZUNION            ZSet.Union
//	ZUNIONSTORE       ZSet.StoreUnion
package types
