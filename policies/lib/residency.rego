package qdrant.lib.residency

# Where data may live is declared.
declared if count(input.residency.regions) > 0

declared if count(input.residency.countries) > 0

# Regions, where declared, are the narrower word.
allowed(place) if {
	count(object.get(input.residency, "regions", [])) > 0
	key(place) in input.residency.regions
}

# An id whose cloud is not known matches by itself.
allowed(place) if {
	not place.cloud
	some region in input.residency.regions
	endswith(region, sprintf(":%s", [place.region]))
}

allowed(place) if {
	count(object.get(input.residency, "regions", [])) == 0
	place.country in input.residency.countries
}

# It is known to lie elsewhere: a region or country that is known and not among the declared.
outside(place) if {
	declared
	place.country
	not allowed(place)
}

# Nothing tells in which country it lies.
unlocated(place) if {
	declared
	not place.country
	not allowed(place)
}

key(place) := sprintf("%s:%s", [place.cloud, place.region])

# `me-south-1 (aws, BH)`
in_words(place) := sprintf("%s (%s, %s)", [place.region, place.cloud, place.country])

declaration := concat(", ", array.concat(object.get(input.residency, "countries", []), object.get(input.residency, "regions", [])))

undeclared := {"kind": "needs-evidence", "reason": "where the data may live is not declared: write `residency: {countries: [AE]}` in .qdrant-lint.yaml, of AE, SA, QA, BH, KW, OM what your regulator accepts (a bank of the Emirates may not use Bahrain)"} if {
	not declared
	input.profile == "gcc-sovereign"
}

undeclared := {"kind": "not-applicable", "reason": "no `residency` is declared in .qdrant-lint.yaml, so no place is outside it"} if {
	not declared
	input.profile != "gcc-sovereign"
}
