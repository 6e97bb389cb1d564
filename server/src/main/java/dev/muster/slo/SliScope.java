package dev.muster.slo;

import dev.muster.protocol.AssetId;
import java.util.Optional;

/** Whose indicator it is. */
public sealed interface SliScope {
    SliScope FLEET = new Fleet();

    record Fleet() implements SliScope {}

    record Type(String name) implements SliScope {}

    record Region(String name) implements SliScope {}

    /** Those who belonged to it at the time of each bucket. */
    record Group(String name) implements SliScope {}

    record One(AssetId asset) implements SliScope {}

    /** {@code fleet}, {@code type/truck}, {@code region/eu}, {@code group/vans}, {@code asset/truck-1}. */
    default String wire() {
        return name().isEmpty() ? kind() : kind() + "/" + name();
    }

    default String kind() {
        return switch (this) {
            case Fleet _ -> "fleet";
            case Type _ -> "type";
            case Region _ -> "region";
            case Group _ -> "group";
            case One _ -> "asset";
        };
    }

    default String name() {
        return switch (this) {
            case Fleet _ -> "";
            case Type(String name) -> name;
            case Region(String name) -> name;
            case Group(String name) -> name;
            case One(AssetId asset) -> asset.value();
        };
    }

    /** As a selector; empty for a group, which is its own, and for all. */
    default String selector() {
        return switch (this) {
            case Fleet _, Group _ -> "";
            case Type(String name) -> "asset.type == " + quoted(name);
            case Region(String name) -> "asset.region == " + quoted(name);
            case One(AssetId asset) -> "asset.id == " + quoted(asset.value());
        };
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    static Optional<SliScope> parse(String wire) {
        if (wire.equals("fleet")) {
            return Optional.of(FLEET);
        }
        int slash = wire.indexOf('/');
        return slash < 0 ? Optional.empty() : of(wire.substring(0, slash), wire.substring(slash + 1));
    }

    static Optional<SliScope> of(String kind, String name) {
        if (name.isEmpty() || name.length() > 200) {
            return Optional.empty();
        }
        return switch (kind) {
            case "type" -> Optional.of(new Type(name));
            case "region" -> Optional.of(new Region(name));
            case "group" -> Optional.of(new Group(name));
            case "asset" -> AssetId.parse(name).map(One::new);
            default -> Optional.empty();
        };
    }
}
