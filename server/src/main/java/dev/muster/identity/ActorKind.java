package dev.muster.identity;

/** What sort of principal acts. */
public enum ActorKind {
    /** An API token of a person or a program. */
    TOKEN("token"),
    /** A device that enrols with a claim token; the id is the claim token's. */
    CLAIM_TOKEN("claim-token"),
    /** An asset that acts with its own certificate. */
    ASSET("asset"),
    /** The server itself. */
    SYSTEM("system");

    private final String wire;

    ActorKind(String wire) {
        this.wire = wire;
    }

    public String wire() {
        return wire;
    }
}
