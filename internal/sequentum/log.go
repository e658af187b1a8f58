package sequentum

import "context"

// LogFunc takes one line about what happens to a run or a file, with its fields.
type LogFunc func(ctx context.Context, message string, fields map[string]any)
