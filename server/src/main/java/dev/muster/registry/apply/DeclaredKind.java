package dev.muster.registry.apply;

import dev.muster.identity.Kind;
import java.util.Optional;

/** The kinds that can be applied, in the order in which they depend on each other. */
enum DeclaredKind {
    ASSET_TYPE("AssetType", Kind.ASSET_TYPE),
    GROUP("Group", Kind.GROUP),
    ASSET("Asset", Kind.ASSET);

    private final String wire;
    private final Kind permission;

    DeclaredKind(String wire, Kind permission) {
        this.wire = wire;
        this.permission = permission;
    }

    String wire() {
        return wire;
    }

    Kind permission() {
        return permission;
    }

    static Optional<DeclaredKind> ofWire(String text) {
        for (DeclaredKind kind : values()) {
            if (kind.wire.equals(text)) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}
