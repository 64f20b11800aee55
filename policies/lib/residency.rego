package qdrant.lib.residency

# Where data may live is declared.
declared if count(input.residency.regions) > 0

declared if count(input.residency.countries) > 0

# A declared country holds all its regions; a declared region counts by itself, also one that no table knows.
allowed(place) if place.country in input.residency.countries

allowed(place) if sprintf("%s:%s", [place.cloud, place.region]) in input.residency.regions

# An id whose cloud is not known matches by itself.
allowed(place) if {
	not place.cloud
	some region in input.residency.regions
	endswith(region, sprintf(":%s", [place.region]))
}

# It is known to lie elsewhere: a region or country that is known and not among the declared.
outside(place) if {
	declared
	place.country
	not allowed(place)
}

# Among regions alone any other one is elsewhere, whatever its country.
outside(place) if {
	count(object.get(input.residency, "countries", [])) == 0
	declared
	place.cloud
	not allowed(place)
}

# Nothing tells in which country it lies.
unlocated(place) if {
	declared
	not allowed(place)
	not outside(place)
}

# `me-south-1 (aws, BH)`
in_words(place) := sprintf("%s (%s, %s)", [place.region, place.cloud, place.country]) if {
	place.country
} else := sprintf("%s (%s)", [place.region, place.cloud])

declaration := concat(", ", array.concat(object.get(input.residency, "countries", []), object.get(input.residency, "regions", [])))

undeclared := {"kind": "needs-evidence", "reason": "where the data may live is not declared: write `residency: {countries: [AE]}` in .qdrant-lint.yaml, of AE, SA, QA, BH, KW, OM what your regulator accepts (a bank of the Emirates may not use Bahrain)"} if {
	not declared
	input.profile == "gcc-sovereign"
}

undeclared := {"kind": "not-applicable", "reason": "no `residency` is declared in .qdrant-lint.yaml, so no place is outside it"} if {
	not declared
	input.profile != "gcc-sovereign"
}
