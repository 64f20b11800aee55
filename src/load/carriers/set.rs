//! `--set` and its kin over what the files of an installation say together.

use crate::load::context::Context;
use crate::model::chart::merge::over;
use crate::model::chart::set::{self, SetArgument};
use crate::model::input::Layer;
use crate::source::{Mapping, Node, Origin};

/// The layers with arguments over them: first those of the carrier, then those of the command line. Helm applies them to
/// the merged files, so that one item of a list can be set; defaults of a chart below are not consulted.
pub(super) fn with_arguments(context: &mut Context<'_>, layers: Vec<Layer>, own: &[SetArgument]) -> Vec<Layer> {
    let command_line = context.options.set.clone();
    let layers = applied(context, layers, own, "parameters");
    applied(context, layers, &command_line, "--set")
}

fn applied(context: &mut Context<'_>, layers: Vec<Layer>, arguments: &[SetArgument], name: &str) -> Vec<Layer> {
    if arguments.is_empty() {
        return layers;
    }
    let (mut below, files): (Vec<Layer>, Vec<Layer>) = layers.into_iter().partition(|layer| layer.null_keeps_default);
    let nothing = Node::mapping(Mapping::new(), Origin::Derived);
    let merged = files
        .iter()
        .filter(|layer| layer.values.as_mapping().is_some())
        .fold(nothing, |merged, layer| over(&merged, &layer.values));
    let cwd = &context.options.cwd;
    let read = |path: &str| std::fs::read_to_string(cwd.join(path)).map_err(|error| error.to_string());
    match set::apply(merged, arguments, &read) {
        Ok(values) => below.push(Layer { values, null_keeps_default: false, name: name.to_owned() }),
        Err(error) => {
            let place = arguments.iter().find(|argument| *argument.text == error.argument);
            let message = error.to_string();
            context.report(place.and_then(|argument| argument.origin.place()), name, message);
            below.extend(files);
        }
    }
    below
}
