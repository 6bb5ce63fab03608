package server

import "github.com/residedb/reside/internal/command/arg"

// errDebugOff is Redis's text, word for word, as clients look for it.
var errDebugOff = arg.Errf("DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a local connection, " +
	"otherwise you need to set this option in the configuration file, and then restart the server.")
