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

func decodeAgent(data []byte, agentID int64) (*Agent, error) {
	var w wireAgent
	if err := decodeObject(data, &w); err != nil {
		return nil, err
	}
	if int64(w.ID) != agentID {
		return nil, fmt.Errorf("it is about agent %d", w.ID)
	}
	return &Agent{
		ID: agentID, Name: string(w.Name), Description: string(w.Description),
		SpaceID: w.SpaceID.value, Version: w.Version.value, IsActive: w.IsActive.value,
	}, nil
}
