//! The `google.api.http` options of a method.

use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor, Value};

/// One HTTP route of a method.
pub(super) struct Binding {
    /// `get` or `post`, as OpenAPI spells it.
    pub(super) verb: &'static str,
    /// Path with the fields' names in braces.
    pub(super) path: String,
    /// Position among the method's bindings, from 0.
    pub(super) index: usize,
}

impl Binding {
    /// Names in braces.
    pub(super) fn path_fields(&self) -> impl Iterator<Item = &str> {
        self.path.split('{').skip(1).filter_map(|rest| rest.split('}').next())
    }
}

/// The routes of `method`, the main one first.
pub(super) fn of(pool: &DescriptorPool, method: &MethodDescriptor) -> Vec<Binding> {
    let Some(extension) = pool.get_extension_by_name("google.api.http") else { return Vec::new() };
    let options = method.options();
    let option = options.get_extension(&extension);
    let Some(rule) = option.as_message() else { return Vec::new() };
    let more = rule.get_field_by_name("additional_bindings");
    let more = more.as_deref().and_then(Value::as_list).unwrap_or_default();
    let rules = std::iter::once(rule).chain(more.iter().filter_map(Value::as_message));
    let routes = rules.filter_map(route);
    routes.enumerate().map(|(index, (verb, path))| Binding { verb, path, index }).collect()
}

fn route(rule: &DynamicMessage) -> Option<(&'static str, String)> {
    ["get", "post", "put", "patch", "delete"].into_iter().find_map(|verb| {
        let value = rule.get_field_by_name(verb)?;
        let path = value.as_str().filter(|path| !path.is_empty())?;
        Some((verb, path.to_owned()))
    })
}
