# Finds the space by its name.
data "sequentum_space" "shop" {
  name = "Shop"
}

# Finds an agent of this space. Agents of other spaces can have the same name.
data "sequentum_agent" "shoes" {
  name     = "Shoes"
  space_id = data.sequentum_space.shop.space_id
}

# After this time the platform no longer has the run and its files.
output "run_retention_hours" {
  value = data.sequentum_space.shop.run_retention_hours
}
