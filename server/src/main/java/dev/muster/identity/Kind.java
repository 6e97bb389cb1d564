package dev.muster.identity;

import static dev.muster.identity.Reach.NARROWED;
import static dev.muster.identity.Reach.SHARED;
import static dev.muster.identity.Reach.WHOLE;

/** What can be read or changed, and what a narrower scope means for it. */
public enum Kind {
    ASSET("asset", NARROWED),
    /** Metrics, logs, events and positions of assets. */
    TELEMETRY("telemetry", NARROWED),
    /** Files that assets sent: images, recordings, dumps. */
    FILE("file", NARROWED),
    CERTIFICATE("certificate", NARROWED),
    /** Commands to assets; a run of them belongs to exactly the scope of who started it. */
    COMMAND("command", NARROWED),
    ASSET_TYPE("asset type", SHARED),
    /** The definition; its members are narrowed like assets. */
    GROUP("group", SHARED),
    /** One that is for a group is read by every scope and changed only with the whole one. */
    CONFIGURATION("configuration", NARROWED),
    /** The definition and its counts; its targets are narrowed like assets, and who changes one needs all of its assets in scope. */
    ROLLOUT("rollout", NARROWED),
    /** Those about an asset in scope. */
    INCIDENT("incident", NARROWED),
    /** Runbooks act on whatever their alerts name; changed and run with the whole scope only. */
    RUNBOOK("runbook", SHARED),
    /** The public certificates of the internal CA. */
    CA("ca", SHARED),
    /** Releases, their artifacts and their signed metadata. */
    RELEASE("release", SHARED),
    /** A claim token creates assets of any name, so a narrower scope cannot bound it. */
    CLAIM_TOKEN("claim token", WHOLE),
    /** Those about assets in scope. */
    ALERT("alert", NARROWED),
    /** Alert rules, routing, receivers, schedules and silences: they decide who is told of what, for all assets. */
    ALERTING("alerting", SHARED),
    /** The event log: entries about assets in scope. */
    EVENT("event", NARROWED),
    /** Entries about assets in scope, and the actor's own actions. */
    AUDIT("audit", NARROWED),
    /** API tokens: those of exactly the actor's own scope. */
    TOKEN("token", NARROWED),
    /** Copies of everything that the server owns, keys among it. */
    BACKUP("backup", WHOLE),
    /** Objectives, indicators and reviews: they count all assets of a group, a type, a region. */
    SLO("slo", WHOLE),
    /** The server's own figures; they name assets. */
    METRICS("metrics", WHOLE),
    /** What every actor may ask: who am I, what does the API offer. */
    SELF("self", SHARED);

    private final String wire;
    private final Reach reach;

    Kind(String wire, Reach reach) {
        this.wire = wire;
        this.reach = reach;
    }

    public String wire() {
        return wire;
    }

    public Reach reach() {
        return reach;
    }
}
