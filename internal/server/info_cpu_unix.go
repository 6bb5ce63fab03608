//go:build unix

package server

import (
	"fmt"
	"syscall"
)

// infoCPU tells the processor time of the whole process.
func infoCPU(r *report) {
	var self, children syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &self)
	_ = syscall.Getrusage(syscall.RUSAGE_CHILDREN, &children)
	r.line("used_cpu_sys", seconds(self.Stime))
	r.line("used_cpu_user", seconds(self.Utime))
	r.line("used_cpu_sys_children", seconds(children.Stime))
	r.line("used_cpu_user_children", seconds(children.Utime))
}

func seconds(t syscall.Timeval) string {
	return fmt.Sprintf("%.6f", float64(t.Nano())/1e9)
}
