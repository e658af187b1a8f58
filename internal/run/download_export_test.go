package run

// FillAfter makes the disk of d full once n more bytes of each file have been written; err says so.
func (d *Directory) FillAfter(n int, err error) {
	create := d.create
	d.create = func(name string) (unsaved, error) {
		f, createErr := create(name)
		return &fullDisk{unsaved: f, left: n, err: err}, createErr
	}
}

type fullDisk struct {
	unsaved
	left int
	err  error
}

func (f *fullDisk) Write(p []byte) (int, error) {
	if len(p) > f.left {
		return 0, f.err
	}
	f.left -= len(p)
	return f.unsaved.Write(p)
}
