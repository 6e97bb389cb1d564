package dev.muster.twin.desired;

import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetListener;
import dev.muster.registry.group.MembershipListener;
import java.util.Collection;
import java.util.List;
import org.springframework.stereotype.Component;

/** Marks the assets that a change of the registry concerns. */
@Component
final class MarkingListener implements AssetListener, MembershipListener {
    private final Marks marks;

    MarkingListener(Marks marks) {
        this.marks = marks;
    }

    @Override
    public void beforeChange() {
        // Marks need no lock.
    }

    @Override
    public void changed(List<Asset> assets) {
        marks.assets(assets.stream().map(asset -> asset.id().value()).toList(), "asset changed");
    }

    @Override
    public void changedMany() {
        marks.changed("assets imported");
    }

    @Override
    public void deleted(AssetId asset) {
        marks.assets(List.of(asset.value()), "asset deleted");
    }

    @Override
    public void changed(String group, Collection<String> assets) {
        marks.ofTargeted(group, assets, "membership of group " + group);
    }

    @Override
    public void deleting(String group) {
        marks.membersOfTargeted(group, "group " + group + " deleted");
    }
}
