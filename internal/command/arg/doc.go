// Package arg reads, writes and describes the arguments of commands.
//
// The arguments of a command are a struct with one method, walk, that names each
// argument once, in Redis's order:
//
//	func (a *SetArgs) walk(w *arg.Walker) {
//		w.Key(&a.Key, arg.RW|arg.Access|arg.Update)
//		w.Bytes("value", &a.Value)
//		for w.Options() {
//			w.Choice("condition", (*uint8)(&a.Cond), "NX", "XX")
//			w.Flag("GET", &a.Get)
//		}
//	}
//
// A Walker reads this method three ways. Decoding fills the struct from the
// words of a client and collects the keys. Encoding turns the struct into
// words. Describing finds out arity, key positions and the argument tree
// for COMMAND. So what a command accepts, sends and documents cannot differ.
//
// Redis does not report errors from left to right. Two ranks are enough: Fail
// stops the walk at once; Late is reported only if nothing else is wrong.
package arg
