package strictjson

// ErrMore is the fault that says that there are more.
var ErrMore = errMore

// Scans reports whether a document is read without a tree.
func (c Codec[T]) Scans(data []byte) bool { return c.scan(data, new(T), Limits{}) }
