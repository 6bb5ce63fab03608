package vfs

// syncDir does nothing: Windows has no such call for directories; NTFS keeps a journal
// of its own about them.
func syncDir(string) error { return nil }
