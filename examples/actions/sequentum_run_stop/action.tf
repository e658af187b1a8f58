# To stop run 100001 of agent 4711:
# terraform apply -invoke=action.sequentum_run_stop.products -var=run_id=100001
variable "run_id" {
  type = number
}

action "sequentum_run_stop" "products" {
  config {
    agent_id          = 4711
    run_id            = var.run_id
    stop_grace_period = "5m"
  }
}
