package dev.muster.identity;

/** What a scope narrower than {@link Scope#ALL} means for a kind. */
public enum Reach {
    /** The resource narrows lists and changes to the assets in scope; anything outside is not found. */
    NARROWED,
    /** Belongs to no asset: read by every scope, changed only with the whole scope. */
    SHARED,
    /** Tells or grants something about every asset: neither read nor changed with a narrower scope. */
    WHOLE
}
