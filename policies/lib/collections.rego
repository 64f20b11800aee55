package qdrant.lib.collections

# Words that the rules on collections share.

# How a message names a collection.
name(collection) := sprintf("`%s`", [collection.name]) if collection.name

name(collection) := "this collection" if not collection.name

# A request that makes the collection; updates leave unsaid what they leave alone.
creates(collection) if collection.operation == "create"

# The value is filled in when the body is sent.
hidden(collection, field) if field in collection.hidden_fields

gib(bytes) := sprintf("%v GiB", [round((bytes * 10) / 1073741824) / 10])

millions(points) := sprintf("%v million", [round(points / 100000) / 10]) if points >= 1000000

millions(points) := sprintf("%v", [points]) if points < 1000000

# The API counts the points of a collection; before it exists they are only declared.
holds(collection) := "holds" if collection.declared_by == "api"

else := "is declared to hold"

# The joined server is older than a release.
older(collection, release) if semver.compare(collection.server_version, release) < 0

# Declared by a resource of an operator, which has fields of its own.
of_operator(collection) if startswith(collection.carrier, "QdrantCollection/")
