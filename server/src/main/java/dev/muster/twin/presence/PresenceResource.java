package dev.muster.twin.presence;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.registry.Asset;
import dev.muster.registry.Presence;
import dev.muster.registry.asset.AssetDirectory;
import io.swagger.v3.oas.annotations.Operation;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Presence of one asset over HTTP. */
@RestController
@RequestMapping("/api/v1/assets/{id}/presence")
public class PresenceResource {
    public static final int MAX_HISTORY = 100;

    private final PresenceTracker tracker;
    private final PresenceStore store;
    private final AssetDirectory assets;

    public PresenceResource(PresenceTracker tracker, PresenceStore store, AssetDirectory assets) {
        this.tracker = tracker;
        this.store = store;
        this.assets = assets;
    }

    /**
     * @param presence online, stale, offline or never_seen
     * @param reason why it is so, for example {@code session_opened} or {@code silent}
     * @param history newest first
     */
    public record PresenceView(
            String asset,
            String presence,
            Instant since,
            String reason,
            @Nullable Instant lastSeen,
            List<TransitionView> history) {}

    public record TransitionView(Instant at, String from, String to, String reason) {
        static TransitionView of(PresenceTransition transition) {
            return new TransitionView(
                    transition.at(), transition.from().wire(), transition.to().wire(), transition.reason());
        }
    }

    @GetMapping
    @Operation(
            summary = "Whether one asset can be reached: now, since when, why, and how it was before",
            description = "The newest " + MAX_HISTORY + " changes.")
    @Requires(verb = Verb.READ, kind = Kind.ASSET)
    public PresenceView presence(Actor actor, @PathVariable String id) {
        Asset asset = assets.requireVisible(actor, id);
        List<TransitionView> history = store.history(asset.id(), MAX_HISTORY).stream()
                .map(TransitionView::of)
                .toList();
        return tracker.state(asset.id())
                .map(state -> new PresenceView(
                        asset.id().value(),
                        state.presence().wire(),
                        state.since(),
                        state.reason(),
                        state.lastSeen(),
                        history))
                .orElseGet(() -> new PresenceView(
                        asset.id().value(), Presence.NEVER_SEEN.wire(), asset.created(), "registered", null, history));
    }
}
