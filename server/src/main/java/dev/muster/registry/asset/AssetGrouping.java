package dev.muster.registry.asset;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.registry.Asset;
import dev.muster.registry.selector.SqlCondition;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * By what assets are put into groups: {@code type}, {@code owner}, {@code region}, {@code site}, {@code hardware} or {@code
 * labels.KEY}; or all into one.
 *
 * @param sql of the group's name, with the parameters
 * @param of the same of an asset at hand; empty where it has none
 */
public record AssetGrouping(String sql, List<Object> parameters, Function<Asset, String> of) {
    private static final String LABELS = "labels.";

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
            default -> label(by);
        };
    }

    private static AssetGrouping label(String by) {
        if (!by.startsWith(LABELS) || by.length() == LABELS.length()) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "by must be type, owner, region, site, hardware or labels.KEY, such as labels.plant");
        }
        String key = by.substring(LABELS.length());
        return new AssetGrouping(
                "coalesce(labels->>?, '')",
                List.of(key),
                asset -> asset.labels().getOrDefault(key, ""));
    }

    /** An asset and the name of its group. */
    public record Member(String id, String type, String group) {}

    /** Of the assets that fulfil a condition. */
    String select(SqlCondition condition) {
        return "select id, type, " + sql + " from asset where " + condition.sql();
    }
}
