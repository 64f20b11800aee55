package qdrant.lib.grants

# Words for who was granted something, and by what.

# Names of subjects; of many the first three.
names(subjects) := concat(", ", sort(subjects)) if count(subjects) <= 4

names(subjects) := sprintf("%s and %d more", [concat(", ", array.slice(sort(subjects), 0, 3)), count(subjects) - 3]) if {
	count(subjects) > 4
}

by(grant) := grant.binding if grant.other_bindings == 0

by(grant) := sprintf("%s and %d more bindings of %s", [grant.binding, grant.other_bindings, grant.role]) if {
	grant.other_bindings > 0
}
