package dev.muster.registry.group;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.protocol.AssetId;
import dev.muster.registry.asset.Visibility;
import dev.muster.registry.document.DeclaredObject;
import dev.muster.registry.document.DeclaredObject.Metadata;
import dev.muster.registry.document.ResourceVersions;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Groups over HTTP; they are created and changed by apply. */
@RestController
@Tag(name = "groups")
@RequestMapping("/api/v1/groups")
public class GroupResource {
    private final GroupStore groups;
    private final GroupService service;
    private final Visibility visibility;
    private final Clock clock;

    GroupResource(GroupStore groups, GroupService service, Visibility visibility, Clock clock) {
        this.groups = groups;
        this.service = service;
        this.visibility = visibility;
        this.clock = clock;
    }

    @GetMapping
    @Requires(verb = Verb.READ, kind = Kind.GROUP)
    @Operation(operationId = "listGroups", summary = "Lists the groups")
    public Page<DeclaredObject> list(PageRequest page) {
        return Page.of(groups.page(page.after(), page.fetch()), page, Group::name)
                .map(GroupResource::view);
    }

    @GetMapping("/{name}")
    @Requires(verb = Verb.READ, kind = Kind.GROUP)
    @Operation(operationId = "getGroup", summary = "Shows a group")
    public DeclaredObject get(@PathVariable String name, HttpServletResponse response) {
        Group group = groups.find(name).orElseThrow(() -> GroupService.notFound(name));
        // The status changes without a new version: the tag serves If-Match only.
        response.setHeader(HttpHeaders.ETAG, ResourceVersions.tag(group.resourceVersion()));
        return view(group);
    }

    @DeleteMapping("/{name}")
    @Requires(verb = Verb.WRITE, kind = Kind.GROUP)
    @Operation(operationId = "deleteGroup", summary = "Deletes a group; its history of members goes with it")
    public ResponseEntity<Void> delete(
            Actor actor,
            @PathVariable String name,
            @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch) {
        service.delete(actor, name, ResourceVersions.ofIfMatch(ifMatch));
        return ResponseEntity.noContent().build();
    }

    /** Members in the actor's scope. Of an asset that is deleted by now only an actor with the whole scope learns. */
    @GetMapping("/{name}/members")
    @Requires(verb = Verb.READ, kind = Kind.GROUP)
    @Operation(operationId = "listGroupMembers", summary = "Lists who is, or at a moment was, a member of a group")
    public Page<Membership> members(
            Actor actor,
            @PathVariable String name,
            @RequestParam(required = false) @Nullable Instant at,
            PageRequest page) {
        if (groups.find(name).isEmpty()) {
            throw GroupService.notFound(name);
        }
        Instant moment = Objects.requireNonNullElseGet(at, clock::instant);
        List<Membership> found = new ArrayList<>();
        String last = page.after();
        List<Membership> read;
        do {
            read = groups.members(name, moment, last, page.fetch());
            found.addAll(visible(actor, read));
            last = read.isEmpty() ? last : read.getLast().asset();
        } while (found.size() < page.fetch() && read.size() == page.fetch());
        List<Membership> cut = found.subList(0, Math.min(found.size(), page.fetch()));
        return Page.of(cut, page, Membership::asset);
    }

    private List<Membership> visible(Actor actor, List<Membership> read) {
        if (actor.scope().isAll()) {
            return read;
        }
        Set<AssetId> visible = visibility.visible(
                actor.scope(),
                read.stream().map(member -> new AssetId(member.asset())).toList());
        return read.stream()
                .filter(member -> visible.contains(new AssetId(member.asset())))
                .toList();
    }

    /** What is known of the members, as of the moment {@code refreshed}. */
    public record Status(
            int members, int undecided, @Nullable Instant refreshed) {}

    private static DeclaredObject view(Group group) {
        return new DeclaredObject(
                DeclaredObject.API_VERSION,
                "Group",
                Metadata.of(group.name(), group.resourceVersion(), group.created(), group.updated(), group.managers()),
                new GroupSpec(group.description(), group.selector()),
                new Status(group.members(), group.undecided(), group.refreshed()));
    }
}
