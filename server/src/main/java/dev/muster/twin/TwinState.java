package dev.muster.twin;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * How an asset stands to what is desired of it. {@link #SQL} works it out; nothing stores it, for it changes when a session
 * closes as well.
 */
public enum TwinState {
    /** The newest report is of the current generation and differs in nothing. */
    IN_SYNC,
    /** A newer desired state, or a change of software, has not been worked through yet. */
    PENDING,
    /** The newest report is of the current generation and differs. */
    DRIFTED,
    /** The asset tried the current generation and did not keep it. */
    REJECTED,
    /** It never reported, or what it reported is stale: nothing acts on it. */
    UNKNOWN,
    /** Nothing is desired of it. */
    UNMANAGED;

    /** A fresh report says that something is missing. */
    public static final Set<TwinState> OUT_OF_SYNC = Set.of(PENDING, DRIFTED, REJECTED);

    /**
     * Of {@code asset a left join twin_desired d left join twin_reported r}. A report is fresh while the asset is online and has
     * reported in the session that is open; both are told by the server's clock.
     */
    public static final String SQL = """
            case when d.content is null then 'unmanaged'
                 when r.asset is null or a.presence <> 'online' or r.received < r.session_at then 'unknown'
                 when r.rejected_generation = d.generation then 'rejected'
                 when r.compared is distinct from d.generation then 'pending'
                 when r.drift_count > 0 then 'drifted'
                 when r.under_way > 0 then 'pending'
                 else 'in_sync' end""";

    /** Since when it is so. */
    public static final String SINCE_SQL = """
            case when d.content is null then coalesce(d.changed, a.created)
                 when r.asset is null then a.created
                 when a.presence <> 'online' then a.presence_since
                 when r.received < r.session_at then r.session_at
                 when r.rejected_generation = d.generation then r.since
                 when r.compared is distinct from d.generation then d.changed
                 else r.since end""";

    /** Why, where that is not said by the state itself. */
    public static final String REASON_SQL = """
            case when d.problem is not null then d.problem
                 when d.content is null then 'nothing is desired of it'
                 when r.asset is null then 'it never reported'
                 when a.presence = 'stale' then 'its last report is stale: silent beyond the heartbeat TTL'
                 when a.presence <> 'online' then 'its last report is stale: no session is open'
                 when r.received < r.session_at then 'its last report is stale: none since it connected'
                 when r.rejected_generation = d.generation then r.rejected_reason
                 when r.generation is null then 'its reports name no generation'
                 when r.compared is distinct from d.generation then 'it reports generation ' || r.generation
                 when r.drift_count > 0 then r.drift_count || case r.drift_count when 1 then ' field differs' else ' fields differ' end
                 when r.under_way > 0 then r.under_way || ' components change'
                 end""";

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<TwinState> ofWire(String text) {
        for (TwinState state : values()) {
            if (state.wire().equals(text)) {
                return Optional.of(state);
            }
        }
        return Optional.empty();
    }
}
