package dev.muster.alert.declared;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.registry.apply.AppliedKind;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One of the kinds of this feature as an apply sees it. */
public class AppliedAlertObject implements AppliedKind {
    private final DeclaredKind kind;
    private final DeclaredObjects objects;

    protected AppliedAlertObject(DeclaredKind kind, DeclaredObjects objects) {
        this.kind = kind;
        this.objects = objects;
    }

    @Override
    public final String wire() {
        return kind.wire();
    }

    @Override
    public final Kind permission() {
        return Kind.ALERTING;
    }

    @Override
    public final int order() {
        return kind.order();
    }

    @Override
    public final Optional<Live> live(Actor actor, String name) {
        return objects.find(kind, name)
                .map(found -> Live.ofSpec(found.spec(), found.managers(), found.resourceVersion()));
    }

    @Override
    public final boolean save(
            Actor actor, String name, JsonNode document, @Nullable Live live, Map<String, String> managers) {
        objects.save(actor, kind, name, document.path("spec"), live == null ? null : live.resourceVersion(), managers);
        return true;
    }
}
