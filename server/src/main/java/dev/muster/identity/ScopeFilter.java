package dev.muster.identity;

import dev.muster.protocol.AssetId;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/** Says which assets a scope selects; the registry knows. */
public interface ScopeFilter {
    /** Those of the given assets that exist and are in the scope, in one round trip. */
    Set<AssetId> visible(Scope scope, Collection<AssetId> assets);

    /** Why a text cannot be a scope's selector; empty when it can. */
    Optional<String> problem(String selector);
}
