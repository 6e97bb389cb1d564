package dev.muster.registry.group;

import java.util.Collection;

/** Follows who belongs to a group, in the transaction of the change. */
public interface MembershipListener {
    /** These joined or left; a change of a single asset is told by {@code AssetListener} and not here. */
    void changed(String group, Collection<String> assets);

    /** The group and its memberships go; they are still there. */
    void deleting(String group);
}
