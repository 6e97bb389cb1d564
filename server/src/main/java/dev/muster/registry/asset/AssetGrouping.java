package dev.muster.registry.asset;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.registry.Asset;
import dev.muster.registry.selector.SqlCondition;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * By what assets are put into groups: {@code type}, {@code owner}, {@code region}, {@code site}, {@code hardware}, {@code
 * lifecycle}, {@code presence}, {@code labels.KEY} or {@code software.COMPONENT}; or all into one.
 *
 * @param sql of the group's name, with the parameters
 * @param of the same of an asset at hand; empty where it has none
 */
public record AssetGrouping(String sql, List<Object> parameters, Function<Asset, String> of) {
    private static final String LABELS = "labels.";
    private static final String SOFTWARE = "software.";
    /** Of a label's key or a component's name; longer ones are not stored. */
    private static final int MAX_KEY = 128;

    /** @param by null or blank for one group, whose name is empty */
    public static AssetGrouping by(@Nullable String by) {
        if (by == null || by.isBlank()) {
            return new AssetGrouping("''", List.of(), _ -> "");
        }
        return switch (by) {
            case "type" -> new AssetGrouping("type", List.of(), Asset::type);
            case "owner" -> new AssetGrouping("owner", List.of(), Asset::owner);
            case "region" -> new AssetGrouping("region", List.of(), Asset::region);
            case "site" -> new AssetGrouping("site", List.of(), Asset::site);
            case "hardware" -> new AssetGrouping("hardware", List.of(), Asset::hardware);
            case "lifecycle" ->
                new AssetGrouping(
                        "lifecycle", List.of(), asset -> asset.lifecycle().wire());
            case "presence" ->
                new AssetGrouping(
                        "presence", List.of(), asset -> asset.presence().wire());
            default -> key(by);
        };
    }

    private static AssetGrouping key(String by) {
        String label = after(LABELS, by);
        if (!label.isEmpty()) {
            return new AssetGrouping(
                    "coalesce(labels->>?, '')",
                    List.of(label),
                    asset -> asset.labels().getOrDefault(label, ""));
        }
        String component = after(SOFTWARE, by);
        if (!component.isEmpty()) {
            return new AssetGrouping(
                    "coalesce(software->>?, '')",
                    List.of(component),
                    asset -> asset.software().getOrDefault(component, ""));
        }
        throw new Refusal(
                ErrorCode.INVALID,
                "by must be type, owner, region, site, hardware, lifecycle, presence, labels.KEY or software.COMPONENT,"
                        + " such as labels.plant");
    }

    private static String after(String prefix, String by) {
        return by.startsWith(prefix) && by.length() <= prefix.length() + MAX_KEY && by.indexOf('\0') < 0
                ? by.substring(prefix.length())
                : "";
    }

    /** An asset and the name of its group. */
    public record Member(String id, String type, String group) {}

    /** Of the assets that fulfil a condition. */
    String select(SqlCondition condition) {
        return "select id, type, " + sql + " from asset where " + condition.sql();
    }
}
