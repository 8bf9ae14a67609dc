from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Forms in our look: templates/django/forms and templates/components/field.html."""

    field_template_name = "components/field.html"
