package sequentum

import "fmt"

type wireAgent struct {
	ID          id
	Name        text
	Description text
	SpaceID     number
	Version     number
	IsActive    flag
}

// toAgent checks that the object is the agent that was asked for.
func (w *wireAgent) toAgent(agentID int64, r *redactor) (Agent, error) {
	if int64(w.ID) != agentID {
		return Agent{}, fmt.Errorf("it is about agent %d", w.ID)
	}
	return Agent{
		ID: agentID, Name: r.printable(string(w.Name)), Description: r.text(string(w.Description)),
		SpaceID: w.SpaceID.nilIfZero(), Version: w.Version.value, IsActive: w.IsActive.value,
	}, nil
}
