package dev.muster.identity;

/**
 * Who acts: a name for the audit trail, and what it may do to which assets.
 *
 * @param id the token's name, the asset's id or {@code system}; unique within its kind, never used again
 */
public record Actor(String id, ActorKind kind, Role role, Scope scope) {
    /** What the server decides without being asked by anybody. */
    public static final Actor SYSTEM = new Actor("system", ActorKind.SYSTEM, Role.ADMIN, Scope.ALL);

    /** Where a request holds its caller; still there when it is dispatched again. */
    public static final String REQUEST_ATTRIBUTE = Actor.class.getName();

    @Override
    public String toString() {
        return kind.wire() + " " + id;
    }
}
