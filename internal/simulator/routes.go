package simulator

import "net/http"

// apiHandler routes the API's calls. Whatever else is asked for is a 404 in the API's shape.
func (c *Cloud) apiHandler() http.Handler {
	const (
		agent     = "/api/v1/agent/{agentId}"
		run       = agent + "/run/{runId}"
		analytics = "/api/v1/analytics/agents/{agentId}"
	)
	mux := http.NewServeMux()
	mux.Handle("GET "+agent, c.endpoint(KindAgent, c.agent))
	mux.Handle("POST "+agent+"/start", c.endpoint(KindStart, c.startRun))
	mux.Handle("GET "+agent+"/runs", c.endpoint(KindRuns, c.listRuns))
	mux.Handle("GET "+run+"/status", c.endpoint(KindStatus, c.runStatus))
	mux.Handle("POST "+run+"/stop", c.endpoint(KindStop, c.stopRun))
	mux.Handle("POST "+run+"/kill", c.endpoint(KindKill, c.killRun))
	mux.Handle("DELETE "+run, c.endpoint(KindDeleteRun, c.deleteRun))
	mux.Handle("GET "+run+"/files", c.endpoint(KindFiles, c.listFiles))
	mux.Handle("GET "+run+"/file/{fileId}/download", c.endpoint(KindDownload, c.download))
	mux.Handle("GET "+analytics+"/runs/{runId}/diagnostics", c.endpoint(KindDiagnostics, c.runDiagnostics))
	mux.Handle("GET "+analytics+"/latest-failure", c.endpoint(KindDiagnostics, c.latestFailure))
	mux.Handle("/", c.endpoint(KindOther, func(q *call) answer {
		return c.refuse(q, http.StatusNotFound, "No such endpoint: %s %s.", q.Method, q.URL.Path)
	}))
	return mux
}

func (c *Cloud) noSuchAgent(q *call) answer {
	return c.refuse(q, http.StatusNotFound, "Agent %s was not found.", q.PathValue("agentId"))
}

func (c *Cloud) noSuchRun(q *call) answer {
	return c.refuse(q, http.StatusNotFound, "Run %s was not found.", q.PathValue("runId"))
}
