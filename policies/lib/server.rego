package qdrant.lib.server

# Where to write a key of the server's configuration, in the words of the input.
setting(key, value) := sprintf("set `config.%s: %v` in the chart's values", [key, value]) if input.chart

else := sprintf("set `%s: %v` in the server's configuration, or the variable `QDRANT__%s`", [key, value, upper(replace(key, ".", "__"))])

# The same key as it is named in the input: below `config` in the chart's values.
written(key) := sprintf("config.%s", [key]) if input.chart

else := key

# The server in words: `Qdrant 1.12.4`.
named := sprintf("Qdrant %s", [input.qdrant.version]) if input.qdrant.version

else := "Qdrant"

# Why the value of a dotted key is hidden.
hidden(key) := reasons[0] if {
	reasons := [fact.reason |
		some fact in input.unknown
		fact.path == array.concat(["qdrant", "config"], split(key, "."))
	]
}

# The version is known to be older than one that brought a key.
before(version) if semver.compare(input.qdrant.version, version) < 0
