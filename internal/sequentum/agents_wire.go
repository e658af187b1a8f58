package sequentum

import (
	"fmt"
	"io"
)

type wireAgent struct {
	ID          id
	Name        text
	Description text
	SpaceID     number
	Version     number
	IsActive    flag
}

func decodeAgent(body io.Reader, agentID int64, r *redactor) (*Agent, error) {
	var w wireAgent
	if err := decodeObject(body, r, &w); err != nil {
		return nil, err
	}
	if int64(w.ID) != agentID {
		return nil, fmt.Errorf("it is about agent %d", w.ID)
	}
	return &Agent{
		ID: agentID, Name: r.printable(string(w.Name)), Description: r.text(string(w.Description)),
		SpaceID: w.SpaceID.nilIfZero(), Version: w.Version.value, IsActive: w.IsActive.value,
	}, nil
}
