# To erase the files and the input of run 100001 of agent 4711:
# terraform apply -invoke=action.sequentum_run_remove.products -var=run_id=100001
variable "run_id" {
  type = number
}

action "sequentum_run_remove" "products" {
  config {
    agent_id = 4711
    run_id   = var.run_id
    method   = "RemoveAllFilesAndAgentInput"
  }
}
