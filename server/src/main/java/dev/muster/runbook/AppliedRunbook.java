package dev.muster.runbook;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.registry.apply.AppliedKind;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Runbooks as declared objects. */
@Component
final class AppliedRunbook implements AppliedKind {
    private final Runbooks runbooks;
    private final RunbookStore store;

    AppliedRunbook(Runbooks runbooks, RunbookStore store) {
        this.runbooks = runbooks;
        this.store = store;
    }

    @Override
    public String wire() {
        return "Runbook";
    }

    @Override
    public Kind permission() {
        return Kind.RUNBOOK;
    }

    @Override
    public int order() {
        return 900;
    }

    @Override
    public Optional<Live> live(Actor actor, String name) {
        return store.find(name).map(stored -> Live.ofSpec(stored.json(), stored.managers(), stored.resourceVersion()));
    }

    @Override
    public boolean save(
            Actor actor, String name, JsonNode document, @Nullable Live live, Map<String, String> managers) {
        return runbooks.save(
                actor, name, document.path("spec"), live == null ? null : live.resourceVersion(), managers);
    }
}
