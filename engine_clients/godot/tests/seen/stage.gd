class_name TestStage
extends Node3D
## A wall on the left, room for a prop on the right, a light and a camera.

var camera: Camera3D = Camera3D.new()
var wall: MeshInstance3D = MeshInstance3D.new()


func _init() -> void:
	var sun: DirectionalLight3D = DirectionalLight3D.new()
	sun.rotation_degrees = Vector3(-35.0, 30.0, 0.0)
	add_child(sun)
	var surroundings: WorldEnvironment = WorldEnvironment.new()
	var environment: Environment = Environment.new()
	environment.background_mode = Environment.BG_COLOR
	environment.background_color = Color(0.3, 0.34, 0.4)
	environment.ambient_light_source = Environment.AMBIENT_SOURCE_COLOR
	environment.ambient_light_color = Color.WHITE
	environment.ambient_light_energy = 0.5
	surroundings.environment = environment
	add_child(surroundings)
	var quad: QuadMesh = QuadMesh.new()
	quad.size = Vector2(1.6, 1.8)
	wall.mesh = quad
	wall.position = Vector3(-0.85, 1.5, -2.0)
	add_child(wall)
	camera.position = Vector3(0.0, 1.5, 0.4)
	add_child(camera)
