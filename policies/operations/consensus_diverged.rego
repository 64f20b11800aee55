# METADATA
# title: the peers do not agree, or do not hear each other
# description: |
#   Collections, shards and their replicas are agreed on by Raft. A cluster that lost its quorum, whose peers count different
#   members or whose consensus thread has stopped goes on answering searches and looks healthy: role Leader, no operation
#   pending, `/readyz` ready. But nothing can be created, moved or repaired, and a peer that counts itself alone takes
#   writes that the others never see.
# related_resources:
#   - description: Qdrant, distributed deployment, consensus checkpointing and failures
#     ref: https://qdrant.tech/documentation/guides/distributed_deployment/
# custom:
#   severity: {production: critical, gcc-sovereign: critical, development: high}
#   consequence: outage
#   needs: [qdrant_api]
#   inputs: [api]
#   remediation: |
#     Bring the peers back that are not heard, or let the network policies pass 6335 between them. A member that is gone for
#     good and holds no shards is removed with `DELETE /cluster/peer/ID`. A peer that formed a cluster of its own is emptied
#     and started with `--bootstrap` towards a living peer.
#   guide: [G33]
#   controls: [availability]
#   since: 0.1.0
package qdrant.operations.consensus_diverged

clustered[index] := peer.cluster if {
	some index, peer in input.live.peers
	peer.cluster.enabled
}

name(index) := input.live.peers[index].name

ids(cluster) := {member.id | some member in cluster.members}

quorum(members) := floor(members / 2) + 1

rolling if input.live.rolling

severity("critical") := "medium" if rolling

severity("critical") := "critical" if not rolling

severity("high") := "medium" if rolling

severity("high") := "high" if not rolling

# a quorum is not heard
findings contains {
	"at": ["live", "peers", index, "cluster"],
	"label": "no quorum",
	"message": sprintf("%s hears %d of %d members, and %d must agree: no collection or shard can be changed, though searches go on", [name(index), heard, members, quorum(members)]),
	"help": "bring the members back that it does not hear; look at their logs and at the network policies on 6335",
	"severity": severity("critical"),
} if {
	some index, cluster in clustered
	members := count(cluster.members)
	heard := members - count(cluster.send_failures)
	count(cluster.send_failures) > 0
	heard < quorum(members)
}

# a member is not heard, and a quorum is
findings contains {
	"at": ["live", "peers", index, "cluster", "send_failures", place],
	"label": "not heard",
	"message": sprintf("%s does not reach the member at %s%s", [name(index), failure.uri, when]),
	"help": "see that its pod runs and that the network policies let peers talk on 6335 both ways",
	"severity": seen,
} if {
	some index, cluster in clustered
	members := count(cluster.members)
	members - count(cluster.send_failures) >= quorum(members)
	some place, failure in cluster.send_failures
	[seen, when] := lasting(cluster, failure.uri)
}

lasting(cluster, uri) := [severity("high"), ", also at a second look"] if uri in cluster.later_send_failures

lasting(cluster, _) := ["medium", " (seen once)"] if not cluster.later_send_failures

# peers count different members
findings contains {
	"at": ["live", "peers", other, "cluster"],
	"label": "another set of members",
	"message": sprintf("%s counts %d members and %s counts %d: they are not one cluster", [name(other), count(ids(clustered[other])), name(first), count(ids(clustered[first]))]),
	"help": "find the peer that formed a cluster of its own (a lost volume of pod 0 does it), empty it, and start it with `--bootstrap` towards a living peer",
	"severity": "critical",
} if {
	first := min({index | some index, _ in clustered})
	some other, cluster in clustered
	ids(cluster) != ids(clustered[first])
}

# some run in cluster mode and some do not
findings contains {
	"at": ["live", "peers", index, "cluster"],
	"label": "not in cluster mode",
	"message": sprintf("%s runs without cluster mode while others form a cluster: it is a database of its own", [name(index)]),
	"help": "set `cluster.enabled: true` for every peer",
	"severity": "critical",
} if {
	count(clustered) > 0
	some index, peer in input.live.peers
	peer.cluster.enabled == false
}

findings contains {
	"at": ["live", "peers", index, "cluster", "thread"],
	"label": cluster.thread,
	"message": sprintf("the consensus thread of %s has stopped%s: it takes part in no decision any more", [name(index), reason(cluster)]),
	"help": "restart the peer, and keep its log",
	"severity": "critical",
} if {
	some index, cluster in clustered
	cluster.thread
	cluster.thread != "working"
}

reason(cluster) := sprintf(" (%s)", [cluster.thread_error]) if {
	cluster.thread_error
} else := ""

# one peer stands still while the log grows
findings contains {
	"at": ["live", "peers", index, "cluster"],
	"label": sprintf("stands at %d", [cluster.commit]),
	"message": sprintf("%s stands at entry %d of the log while others are at %d: it does not follow", [name(index), cluster.commit, newest]),
	"help": "look at its log; restart it when it does not follow within a minute",
	"severity": severity("high"),
} if {
	some index, cluster in clustered
	cluster.later_commit == cluster.commit
	newest := max([other.commit | some other in clustered])
	cluster.commit < newest
}

skipped contains {"kind": "not-applicable", "reason": "cluster mode is off"} if {
	count(input.live.peers) > 0
	every peer in input.live.peers {
		peer.cluster.enabled == false
	}
}

skipped contains {"kind": "not-observed", "reason": sprintf("%s did not say what it knows of its cluster", [peer.name])} if {
	some peer in input.live.peers
	not peer.cluster
}
