package strictjson

// ErrMore is the fault that says that there are more.
var ErrMore = errMore
